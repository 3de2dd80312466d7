//! Which items of a form are not asked of this subject, with what is recorded so far?

use super::read::FormView;
use super::rows::Forms;
use super::save::local_day;
use crate::check::NotAsked;
use crate::door::Reading;
use crate::refusal::Refusal;

impl Reading<'_> {
    /// What the definition's conditions leave out of a form. O(values that its conditions and computations read).
    pub fn not_asked(&self, study: &str, form: &FormView) -> Result<Vec<NotAsked>, Refusal> {
        let mut forms = Forms::new(study, &form.subject);
        forms.put(&form.place, form.state.clone());
        for read in form.definition.forms_read(&form.place.form) {
            forms.read(self.view, read)?;
        }
        let today = local_day(self.now_ms, self.caller.offset_min);
        let outcome = form.definition.evaluate(&form.place, form.state.complete, today, &forms);
        Ok(outcome.map_err(|e| Refusal::state(e.to_string(), e.hint()))?.not_asked)
    }
}
