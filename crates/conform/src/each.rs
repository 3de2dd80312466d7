//! How does one rule ask about a family of variables?
//!
//! ADaM names variables by pattern: every `*FN` goes with a `*FL`, every `TRTxxPN` with a `TRTxxP`. The published form has
//! no words for this, so own rules may say, beside it:
//!
//! ```yaml
//! croft_each_variable:
//!   matches: (.+)FN        # the whole name; groups are numbered
//!   type: Num              # of this storage only
//!   except: [AGEFN]        # but not these
//! Check:
//!   all:
//!     - name: <0>          # the name
//!       operator: non_empty
//!     - name: <1>FL        # the first group, and more
//!       operator: empty
//! ```
//!
//! The rule is asked of each such variable of the dataset, with `<0>`, `<1>` … replaced wherever they stand.

use crate::pattern::Pattern;
use crate::rule::Rule;
use crate::rule::read::{RuleError, from_json};
use crate::study::{Study, Table};
use serde_json::Value;

/// A family of variables, and the rule to ask of each.
#[derive(Clone, Debug)]
pub struct Each {
    /// What the whole name looks like.
    pub pattern: Pattern,
    /// Names left out.
    pub except: Vec<String>,
    /// `Char` or `Num`, if only such variables are meant.
    pub data_type: Option<String>,
    /// The rule, with the places to fill.
    pub template: Value,
}

impl Each {
    /// The rule for each variable of the dataset that is of the family, in the dataset's order.
    pub(crate) fn rules(&self, table: &Table, study: &Study) -> Result<Vec<Rule>, RuleError> {
        let whole = study.whole(table);
        let of_type = |name: &str| {
            let data_type =
                table.variables().iter().find(|variable| variable.name == name).map(|v| v.data_type.as_str());
            self.data_type.is_none() || self.data_type.as_deref() == data_type
        };
        let meant = |name: &&str| !self.except.iter().any(|left_out| left_out == name) && of_type(name);
        let found = whole.names().filter(meant).filter_map(|name| self.pattern.groups(name));
        found.map(|groups| from_json(&filled(&self.template, &groups))).collect()
    }
}

/// A rule's JSON with the places filled, and no longer about a family.
fn filled(json: &Value, groups: &[&str]) -> Value {
    match json {
        Value::String(text) if text.contains('<') => {
            let fill = |text: String, (i, group): (usize, &&str)| text.replace(&format!("<{i}>"), group);
            Value::String(groups.iter().enumerate().fold(text.clone(), fill))
        }
        Value::Array(items) => items.iter().map(|item| filled(item, groups)).collect(),
        Value::Object(entries) => {
            let rest = entries.iter().filter(|(key, _)| *key != "croft_each_variable");
            Value::Object(rest.map(|(key, value)| (key.clone(), filled(value, groups))).collect())
        }
        other => other.clone(),
    }
}
