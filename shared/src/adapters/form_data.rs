//! `multipart/form-data`, in which Asana and Notion take files: RFC 7578.

use serde_json::{Map, Value, json};

use super::api::Call;
use super::content::{Content, Source};

/// A form with fields and files.
#[derive(Clone, Debug)]
pub struct FormData {
    boundary: String,
    content: Content,
    /// The fields and the facts of the files, which a dry run shows.
    description: Map<String, Value>,
}

impl FormData {
    /// Returns an empty form. Its boundary has the effect key: a file is chosen before the key exists, so that no file contains it.
    pub fn new(effect_key: &str) -> Self {
        Self { boundary: format!("plugin-engine-{effect_key}"), content: Content::new(), description: Map::new() }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.description.insert(name.to_owned(), value.into());
        self.part(&format!("name=\"{name}\"\r\n\r\n{value}\r\n"))
    }

    /// Adds a file. A quotation mark in its name is percent-encoded, as browsers do: <https://html.spec.whatwg.org/#multipart-form-data>
    #[must_use]
    pub fn file(mut self, name: &str, filename: &str, content_type: &str, source: Source) -> Self {
        let facts = json!({ "filename": filename, "contentType": content_type, "size": source.length() });
        self.description.insert(name.to_owned(), facts);
        let filename = filename.replace('"', "%22");
        let head = format!("name=\"{name}\"; filename=\"{filename}\"\r\nContent-Type: {content_type}\r\n\r\n");
        let form = self.part(&head);
        Self { content: form.content.source(source).text("\r\n"), ..form }
    }

    /// Returns the type of the form and its content.
    fn into_content(self) -> (String, Content) {
        let end = format!("--{}--\r\n", self.boundary);
        let content = self.content.text(end).described(self.description.into());
        (format!("multipart/form-data; boundary={}", self.boundary), content)
    }

    fn part(self, rest: &str) -> Self {
        let part = format!("--{}\r\nContent-Disposition: form-data; {rest}", self.boundary);
        Self { content: self.content.text(part), ..self }
    }
}

impl Call<'_> {
    /// Sets a form with files as the body.
    pub fn form(self, form: FormData) -> Self {
        let (content_type, content) = form.into_content();
        self.content(content_type, content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn form_has_its_fields_and_its_file() {
        let form = FormData::new("task_1.2").field("parent", "42");
        let (content_type, content) =
            form.file("file", "a \"b\".txt", "text/plain", Source::bytes("Hi")).into_content();
        assert_eq!(content_type, "multipart/form-data; boundary=plugin-engine-task_1.2");
        let sent = content.open().await.unwrap().collect(usize::MAX).await.unwrap();
        assert_eq!(sent.len() as u64, content.length());
        let disposition = "--plugin-engine-task_1.2\r\nContent-Disposition: form-data; name=";
        let file = "\"file\"; filename=\"a %22b%22.txt\"\r\nContent-Type: text/plain\r\n\r\nHi\r\n";
        let expected =
            format!("{disposition}\"parent\"\r\n\r\n42\r\n{disposition}{file}--plugin-engine-task_1.2--\r\n");
        assert_eq!(std::str::from_utf8(&sent).unwrap(), expected);
    }
}
