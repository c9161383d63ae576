//! The checks of one request, which is refused for all of their faults at once.

use super::{Error, FieldFault, Result};

/// The errors of the checks of one request.
///
/// ```
/// use engine::error::{Checks, Error};
///
/// let mut checks = Checks::default();
/// let agent = checks.pass(Ok("a"));
/// let tool = checks.pass::<&str>(Err(Error::invalid("tool", "must be one of: gmail")));
/// checks.pass::<()>(Err(Error::invalid("saveAs", "must not be empty")));
/// let refused = checks.finish(|| Some((agent?, tool?))).map_err(|error| error.fields().len());
/// assert_eq!(refused, Err(2));
/// ```
#[derive(Debug, Default)]
pub struct Checks(Vec<Error>);

impl Checks {
    /// Returns the value of a check that passed. A check that needs a value which is not there is left out.
    pub fn pass<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.0.push(error)).ok()
    }

    /// Returns the checked value: that of `value` if every check passed.
    ///
    /// # Errors
    /// The only error, or one error with the fields of all.
    pub fn finish<T>(self, value: impl FnOnce() -> Option<T>) -> Result<T> {
        match self.into_error() {
            None => value().ok_or_else(|| Error::internal("a check that passed has no value")),
            Some(error) => Err(error),
        }
    }

    /// Returns the errors of the checks that did not pass.
    pub fn into_errors(self) -> Vec<Error> {
        self.0
    }

    fn into_error(mut self) -> Option<Error> {
        if self.0.len() < 2 {
            return self.0.pop();
        }
        let mut faults: Vec<FieldFault> = vec![];
        for fault in self.0.iter().flat_map(Error::fields) {
            if faults.iter().all(|known| known.field != fault.field) {
                faults.push(fault);
            }
        }
        // An error that is of no field, such as that of a too large context, waits for the fields.
        if faults.is_empty() {
            return Some(self.0.swap_remove(0));
        }
        faults.sort_by_key(|fault| !fault.is_missing);
        Some(Error::of_fields(faults))
    }
}
