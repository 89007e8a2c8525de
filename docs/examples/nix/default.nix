# nix-build: a static program for Linux on arm64, made by make and xcc.
{ pkgs ? import <nixpkgs> { }
, # A checkout of xcc, or what fetches one.
  xcc ? import ../../../packaging/default.nix { inherit pkgs; }
}:

pkgs.stdenvNoCC.mkDerivation {
  pname = "hello";
  version = "1.0";
  src = ./.;
  # xcc finds zig on PATH. zig's own hook would take the phases that are not written here.
  nativeBuildInputs = [ xcc pkgs.zig pkgs.gnumake ];
  dontConfigure = true;
  buildPhase = ''
    runHook preBuild
    export XCC_CACHE_DIR="$TMPDIR/xcc"
    xcc run -t aarch64-linux-musl -- make
    runHook postBuild
  '';
  doCheck = true;
  checkPhase = ''
    xcc inspect --require arch=aarch64,static hello
  '';
  installPhase = ''
    runHook preInstall
    mkdir -p "$out/bin"
    cp hello "$out/bin/hello"
    runHook postInstall
  '';
  # Of another machine: there is nothing of this one to be patched in.
  dontFixup = true;
}
