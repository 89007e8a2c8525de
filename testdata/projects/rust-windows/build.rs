fn main() {
    cc::Build::new().file("c/twice.c").compile("twice");
    let built = cmake::Config::new("c").build();
    println!("cargo::rustc-link-search=native={}/lib", built.display());
    println!("cargo::rustc-link-lib=static=thrice");
    let mut resource = winresource::WindowsResource::new();
    resource.set("ProductName", "grün").set_icon("program.ico");
    resource.compile().unwrap();
}
