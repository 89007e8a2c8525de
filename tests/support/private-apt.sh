# shellcheck shell=sh
# An apt of our own, sourced by the scripts that unpack Debian's packages or sources: its lists, cache and status file are in
# one directory, and the machine's own stay as they are.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# debian_source: the machine's first Debian source as "URI RELEASE"; updates and security carry nothing that is needed here.
# XCC_TEST_MIRROR replaces the URI. Fails where there is neither.
debian_source() {
    # shellcheck disable=SC2016 # The names are apt's.
    found=$(env -u APT_CONFIG apt-get indextargets \
        --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 2>/dev/null |
        sed -n 's/^Debian|Debian|main|//p' | grep -v -- '-updates$' | sort -u | head -n 1)
    found="${XCC_TEST_MIRROR:-${found% *}} ${found#* }"
    [ -n "${found% *}" ] && echo "$found"
}

# private_apt DIRECTORY TYPE MIRROR RELEASE [ARCHITECTURE...]: TYPE is 'deb' or 'deb-src'; the first architecture is the one that
# installs. Fetches the lists; APT_CONFIG names the result. DIRECTORY/log has what apt said.
private_apt() {
    apt_work=$1 apt_source="$2 " apt_release="$3 $4 main"
    shift 4
    mkdir -p "$apt_work/lists/partial" "$apt_work/cache/archives/partial" "$apt_work/none"
    : >"$apt_work/status"
    [ ! -f $keyring ] || apt_source="${apt_source}[signed-by=$keyring] "
    echo "$apt_source$apt_release" >"$apt_work/sources.list"
    {
        [ $# = 0 ] || printf 'APT::Architecture "%s";\nAPT::Architectures { %s };\n' "$1" "$(printf '"%s"; ' "$@")"
        # A mirror frozen in time is welcome, hence no Check-Valid-Until; signatures are checked as ever.
        cat <<END
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::Check-Valid-Until "false";
Dir::State "$apt_work";
Dir::State::lists "$apt_work/lists";
Dir::State::status "$apt_work/status";
Dir::Cache "$apt_work/cache";
Dir::Etc::sourcelist "$apt_work/sources.list";
Dir::Etc::sourceparts "$apt_work/none";
Dir::Etc::preferences "$apt_work/none/preferences";
Dir::Etc::preferencesparts "$apt_work/none";
Dir::Etc::main "$apt_work/none/apt.conf";
Dir::Etc::parts "$apt_work/none";
END
        # The machine's own hooks stay out; how it reaches the network is taken over.
        env -u APT_CONFIG apt-config dump | grep -E '^Acquire::https?::' || :
    } >"$apt_work/apt.conf"
    export APT_CONFIG="$apt_work/apt.conf"
    apt-get -q update >"$apt_work/log" 2>&1
}
