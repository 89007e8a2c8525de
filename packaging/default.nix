# nix-build packaging/default.nix
{ pkgs ? import <nixpkgs> { } }:

pkgs.rustPlatform.buildRustPackage {
  pname = "xcc";
  version = "0.1.0";
  # A checkout's target would be gigabytes of source, and have a program of its own.
  src = pkgs.lib.cleanSourceWith {
    src = pkgs.lib.cleanSource ../.;
    filter = path: type: path != toString ../target;
  };
  cargoLock.lockFile = ../Cargo.lock;
  # They cross-build for many targets, and get what they need.
  doCheck = false;
  installPhase = ''
    runHook preInstall
    patchShebangs install.sh
    built=$(find target -path '*/release/xcc' -type f | head -n 1)
    ./install.sh --prefix $out --no-zig --no-demo --built "$built"
    runHook postInstall
  '';
  # xcc finds zig on PATH: nix-shell -p zig, or xcc zig install.
  meta = {
    description = "Cross compiler driver with many names: clang and LLD for every target";
    homepage = "https://github.com/xcc-project/xcc";
    license = with pkgs.lib.licenses; [ asl20 mit mpl20 ];
    mainProgram = "xcc";
  };
}
