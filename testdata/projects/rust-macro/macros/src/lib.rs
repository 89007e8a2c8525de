//! A derive macro without dependencies.

use proc_macro::{TokenStream, TokenTree};

/// Implements `fn fields() -> &'static [&'static str]` for a struct with named fields.
#[proc_macro_derive(Fields)]
pub fn fields(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    let name = tokens.by_ref().skip_while(|t| t.to_string() != "struct").nth(1).expect("a struct");
    let Some(TokenTree::Group(body)) = tokens.next() else {
        panic!("named fields only");
    };
    let body: Vec<_> = body.stream().into_iter().collect();
    let names: Vec<_> =
        body.windows(2).filter(|w| w[1].to_string() == ":").map(|w| format!("{:?}", w[0].to_string())).collect();
    format!("impl {name} {{ fn fields() -> &'static [&'static str] {{ &[{}] }} }}", names.join(", ")).parse().unwrap()
}
