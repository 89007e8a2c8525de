//! Entitlements: the property list that `codesign --entitlements` reads, and the same in DER, which is what systems since
//! macOS 12 look at.
//!
//! Of property lists this reads what entitlements are made of: dictionaries, arrays, strings, integers and booleans in XML.

type Result<T> = std::result::Result<T, String>;

#[derive(Debug, PartialEq)]
enum Value {
    Boolean(bool),
    Integer(i64),
    Text(String),
    Array(Vec<Value>),
    Dictionary(Vec<(String, Value)>),
}

/// The DER of an XML property list.
///
/// # Errors
/// What is not such a list.
pub(super) fn der(xml: &[u8]) -> Result<Vec<u8>> {
    if xml.starts_with(b"bplist") {
        return Err("it is a binary property list; write it as XML".into());
    }
    let text = std::str::from_utf8(xml).map_err(|_| "it is not UTF-8")?;
    let mut reader = Reader { rest: text, depth: 0 };
    let value = loop {
        match reader.tag()? {
            Tag::Open(name) if name == "plist" => {}
            Tag::Empty(name) | Tag::Open(name) | Tag::Close(name) if name == "plist" => {
                return Err("it holds nothing".into());
            }
            tag => break reader.value(tag)?,
        }
    };
    let Value::Dictionary(_) = value else { return Err("it is no dictionary".into()) };
    let content = [&[2, 1, 1][..], &encode(&value)].concat();
    Ok(tagged(0x70, &content))
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut to = vec![tag];
    match content.len() {
        short @ 0..0x80 => to.push(short as u8),
        long => {
            let bytes = long.to_be_bytes();
            let bytes = &bytes[long.leading_zeros() as usize / 8..];
            to.push(0x80 | bytes.len() as u8);
            to.extend(bytes);
        }
    }
    to.extend(content);
    to
}

fn encode(value: &Value) -> Vec<u8> {
    match value {
        Value::Boolean(yes) => tagged(1, &[if *yes { 0xff } else { 0 }]),
        Value::Integer(number) => {
            let bytes = number.to_be_bytes();
            // The shortest form that keeps the sign.
            let same = |pair: &[u8]| (pair[0] == 0 && pair[1] < 0x80) || (pair[0] == 0xff && pair[1] >= 0x80);
            let skip = bytes.windows(2).take_while(|pair| same(pair)).count();
            tagged(2, &bytes[skip..])
        }
        Value::Text(text) => tagged(0x0c, text.as_bytes()),
        Value::Array(values) => tagged(0x30, &values.iter().flat_map(encode).collect::<Vec<u8>>()),
        Value::Dictionary(entries) => {
            let mut sorted: Vec<&(String, Value)> = entries.iter().collect();
            sorted.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
            let pair =
                |(key, value): &&(String, Value)| tagged(0x30, &[tagged(0x0c, key.as_bytes()), encode(value)].concat());
            tagged(0xb0, &sorted.iter().flat_map(pair).collect::<Vec<u8>>())
        }
    }
}

enum Tag {
    Open(String),
    Close(String),
    Empty(String),
}

struct Reader<'t> {
    rest: &'t str,
    depth: u32,
}

impl Reader<'_> {
    /// The next tag; what is before it must be blank. Comments, the declaration and the document type are passed over.
    fn tag(&mut self) -> Result<Tag> {
        loop {
            let start = self.rest.find('<').ok_or("it ends too soon")?;
            if !self.rest[..start].trim().is_empty() {
                return Err(format!("it has a stray '{}'", self.rest[..start].trim()));
            }
            let rest = &self.rest[start..];
            let end = if rest.starts_with("<!--") { "-->" } else { ">" };
            let stop = rest.find(end).ok_or("it ends within a tag")?;
            self.rest = &rest[stop + end.len()..];
            let inside = &rest[1..stop];
            if inside.starts_with(['!', '?']) {
                continue;
            }
            let name = |text: &str| text.split_whitespace().next().unwrap_or("").to_owned();
            return Ok(match (inside.strip_prefix('/'), inside.strip_suffix('/')) {
                (Some(closed), _) => Tag::Close(name(closed)),
                (None, Some(empty)) => Tag::Empty(name(empty)),
                (None, None) => Tag::Open(name(inside)),
            });
        }
    }

    /// The text up to the end of the element.
    fn text(&mut self, name: &str) -> Result<String> {
        let end = format!("</{name}>");
        let stop = self.rest.find(&end).ok_or_else(|| format!("<{name}> has no end"))?;
        let text = self.rest[..stop].to_owned();
        self.rest = &self.rest[stop + end.len()..];
        if text.contains('<') {
            return Err(format!("<{name}> has an element in it"));
        }
        let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
        Ok(entities.iter().fold(text, |text, (from, to)| text.replace(from, to)))
    }

    fn value(&mut self, tag: Tag) -> Result<Value> {
        self.depth += 1;
        if self.depth > 64 {
            return Err("it is nested too deeply".into());
        }
        let value = match tag {
            Tag::Empty(name) => match &*name {
                "true" => Value::Boolean(true),
                "false" => Value::Boolean(false),
                "string" => Value::Text(String::new()),
                "array" => Value::Array(Vec::new()),
                "dict" => Value::Dictionary(Vec::new()),
                other => return Err(format!("<{other}/> has no place in entitlements")),
            },
            Tag::Close(name) => return Err(format!("</{name}> has no beginning")),
            Tag::Open(name) => match &*name {
                "true" | "false" => {
                    self.text(&name)?;
                    Value::Boolean(name == "true")
                }
                "string" => Value::Text(self.text(&name)?),
                "integer" => {
                    let text = self.text(&name)?;
                    Value::Integer(text.trim().parse().map_err(|_| format!("'{text}' is no integer"))?)
                }
                "array" => self.array()?,
                "dict" => self.dictionary()?,
                other => return Err(format!("<{other}> has no place in entitlements")),
            },
        };
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Value> {
        let mut values = Vec::new();
        loop {
            match self.tag()? {
                Tag::Close(name) if name == "array" => return Ok(Value::Array(values)),
                tag => values.push(self.value(tag)?),
            }
        }
    }

    fn dictionary(&mut self) -> Result<Value> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        loop {
            match self.tag()? {
                Tag::Close(name) if name == "dict" => return Ok(Value::Dictionary(entries)),
                Tag::Open(name) if name == "key" => {
                    let key = self.text("key")?;
                    let tag = self.tag()?;
                    let value = self.value(tag)?;
                    if entries.iter().any(|entry| entry.0 == key) {
                        return Err(format!("'{key}' is there twice"));
                    }
                    entries.push((key, value));
                }
                Tag::Open(name) | Tag::Empty(name) | Tag::Close(name) => {
                    return Err(format!("<{name}> stands where a <key> should"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_written_sorted_in_der() {
        let xml = br#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><!-- a > b -->
  <key>b</key><true/>
  <key>a</key><array><string>x&amp;y</string><integer>200</integer></array>
</dict></plist>"#;
        let a = [&[0x30, 14, 0x0c, 1, b'a', 0x30, 9, 0x0c, 3][..], b"x&y", &[2, 2, 0, 200]].concat();
        let b = [0x30, 6, 0x0c, 1, b'b', 1, 1, 0xff];
        let dictionary = [&[0xb0, (a.len() + b.len()) as u8][..], &a, &b].concat();
        let expected = [&[0x70, dictionary.len() as u8 + 3, 2, 1, 1][..], &dictionary].concat();
        assert_eq!(der(xml).unwrap(), expected);
    }

    #[test]
    fn what_is_no_list_of_entitlements_is_an_error() {
        for bad in [
            "",
            "<plist/>",
            "<plist><array/></plist>",
            "<dict><true/></dict>",
            "<dict><key>a</key></dict>",
            "bplist00",
            "<dict>",
        ] {
            assert!(der(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(der("<dict><key>a</key><array>".repeat(100).as_bytes()).is_err());
    }
}
