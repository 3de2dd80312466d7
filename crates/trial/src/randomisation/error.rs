//! Why a scheme is none, or an allocation cannot be made.

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RandomisationError {
    /// The text of a scheme cannot be read.
    #[error("the scheme cannot be read: {message}")]
    Text {
        /// what the reader of TOML says, with line and column
        message: String,
    },
    /// A name or list without content.
    #[error("`{field}` is empty")]
    Empty {
        /// which
        field: String,
    },
    /// Something that has to be there once is there twice.
    #[error("`{field}` has `{value}` twice")]
    Twice {
        /// which list
        field: String,
        /// what
        value: String,
    },
    /// A character that codes and levels cannot have.
    #[error("`{field}` is `{value}`: it has a control character, or blanks at an end")]
    Characters {
        /// which
        field: String,
        /// what
        value: String,
    },
    /// Fewer than two arms.
    #[error("`arms` has {given}; an allocation needs at least 2")]
    TooFewArms {
        /// how many
        given: usize,
    },
    /// A number outside what makes sense.
    #[error("`{field}` is {value}; it must be {requirement}")]
    OutOfRange {
        /// which
        field: String,
        /// what was given
        value: String,
        /// what it may be
        requirement: String,
    },
    /// A block, or a total, that the ratio does not divide.
    #[error("`{field}` is {length}; with the ratio {ratio} it must be a multiple of {unit}")]
    NotMultiple {
        /// which
        field: String,
        /// what was given
        length: u32,
        /// the ratio as `2:1`
        ratio: String,
        /// sum of the ratio
        unit: u32,
    },
    /// A design that is not defined for these arms.
    #[error("{design} is defined for {needs}; the scheme has {arms} arms with the ratio {ratio}")]
    NotDefined {
        /// the design's name
        design: &'static str,
        /// what it is defined for
        needs: &'static str,
        /// how many arms
        arms: usize,
        /// the ratio as `2:1`
        ratio: String,
    },
    /// Two lists that belong together have different lengths.
    #[error("`{field}` has {given} entries, {expected} are needed")]
    EntryCount {
        /// which
        field: String,
        /// how many there are
        given: usize,
        /// how many there must be
        expected: usize,
    },
    /// A level that its factor does not have.
    #[error("`{level}` is no level of the factor `{factor}`")]
    UnknownLevel {
        /// the factor
        factor: String,
        /// what was given
        level: String,
    },
    /// Two strata would have one name.
    #[error("two strata are called `{stratum}`: levels are joined by `-`, and these have it within")]
    StratumNames {
        /// the name
        stratum: String,
    },
    /// A stratum that the scheme does not have.
    #[error("the scheme has no stratum `{stratum}`")]
    UnknownStratum {
        /// what was given
        stratum: String,
    },
    /// An arm that the scheme does not have.
    #[error("arm number {arm} of the history is none of the {arms} arms")]
    UnknownArm {
        /// its position from 0
        arm: usize,
        /// how many there are
        arms: usize,
    },
    /// A history that the design cannot make.
    #[error("subject {subject} of the history has an arm that the design could not give there")]
    Impossible {
        /// its number from 1
        subject: usize,
    },
    /// All of a stratum's places are taken.
    #[error("the design ends after {subjects} subjects, and they are allocated")]
    Exhausted {
        /// how many
        subjects: usize,
    },
    /// A draw outside (0, 1).
    #[error("the draw is {draw}; it must lie between 0 and 1")]
    Draw {
        /// what was given
        draw: f64,
    },
    /// Minimisation without the factors of a subject.
    #[error("minimisation has no list: each allocation depends on the subject's factors")]
    NeedsSubjects,
    /// Factors of a subject for a design that does not know them.
    #[error("{design} does not look at factors of subjects")]
    NotMinimisation {
        /// the design's name
        design: &'static str,
    },
    /// More sequences than asked for.
    #[error("more than {most} sequences are possible")]
    TooManySequences {
        /// the bound that was given
        most: usize,
    },
    /// Something that would not fit into memory or time.
    #[error("{what} is {asked}; the most is {most}")]
    TooLarge {
        /// what
        what: &'static str,
        /// how large it would be
        asked: u64,
        /// the bound
        most: u64,
    },
    /// A seed that is none.
    #[error("the seed is not 64 hexadecimal digits")]
    Seed,
}

impl RandomisationError {
    /// What the reader of the message can do next.
    pub fn hint(&self) -> String {
        match self {
            Self::Text { .. } => "docs/randomisation.md shows a scheme, and each design's settings".into(),
            Self::Empty { field } => format!("give `{field}` at least one entry, and each name a letter"),
            Self::Twice { .. } => "remove or rename one of them".into(),
            Self::Characters { .. } => "use letters, digits and signs that can be seen".into(),
            Self::TooFewArms { .. } => "name each arm with its code and ratio, the control too".into(),
            Self::OutOfRange { field, .. } => format!("change `{field}` in the scheme"),
            Self::NotMultiple { length, unit, .. } => {
                let below = length / unit * unit;
                let above = below.saturating_add(*unit);
                if below == 0 { format!("use {above}") } else { format!("use {below} or {above}") }
            }
            Self::NotDefined { .. } => {
                "any arms and ratios: simple, permuted_block, random_block, random_allocation, minimisation; equal arms: urn".into()
            }
            Self::EntryCount { field, .. } => format!("give one entry of `{field}` for each"),
            Self::UnknownLevel { .. } => "correct its spelling, or add it to the factor's levels".into(),
            Self::StratumNames { .. } => "write the levels without `-`".into(),
            Self::UnknownStratum { .. } => "write the levels in the order of the factors, joined by `-`".into(),
            Self::UnknownArm { .. } => "count arms from 0 in the scheme's order".into(),
            Self::Impossible { .. } => {
                "was the history made by this version of the scheme, in this stratum, in this order, with nothing left out?"
                    .into()
            }
            Self::Exhausted { .. } => {
                "amend the scheme with a new version and more subjects, or close the stratum".into()
            }
            Self::Draw { .. } => "draw from a uniform stream".into(),
            Self::NeedsSubjects => "give the subject's levels; for planning, look at the design's properties".into(),
            Self::NotMinimisation { .. } => "allocate by stratum, or make the factors the strata".into(),
            Self::TooManySequences { .. } => "ask for fewer subjects, or for the properties".into(),
            Self::TooLarge { most, .. } => format!("ask for at most {most}"),
            Self::Seed => "a seed is 32 random bytes, written as 64 hexadecimal digits".into(),
        }
    }
}
