# Homebrew's formula: brew install --build-from-source ./packaging/xcc.rb
class Xcc < Formula
  desc "Cross compiler driver with many names: clang and LLD for every target"
  homepage "https://github.com/xcc-project/xcc"
  license any_of: ["Apache-2.0", "MIT"]
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
