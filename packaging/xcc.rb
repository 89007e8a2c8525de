# Homebrew's formula. Homebrew takes formulae from a tap alone:
#     brew tap-new you/tools && cp packaging/xcc.rb "$(brew --repository you/tools)/Formula/" && brew install --HEAD you/tools/xcc
class Xcc < Formula
  desc "Cross compiler driver with many names: clang and LLD for every target"
  homepage "https://github.com/xcc-project/xcc"
  license all_of: [{ any_of: ["Apache-2.0", "MIT"] }, "MPL-2.0"]
  head "https://github.com/xcc-project/xcc.git", branch: "main"

  depends_on "rust" => :build
  depends_on "lld"
  depends_on "zig"

  def install
    system "./install.sh", "--prefix", prefix, "--no-zig", "--no-demo"
  end

  test do
    assert_match "aarch64-linux-gnu", shell_output("#{bin}/xcc targets")
    (testpath/"a.c").write "int main(void) { return 0; }\n"
    system bin/"xcc-aarch64-linux-musl", "-c", "a.c"
    system bin/"xcc", "inspect", "--require", "arch=aarch64", "a.o"
  end
end
