//! What an expression is made of.

use crate::regex::Regex;
use crate::signature::Signature;

/// A name of a variable, by its number in the expression's table.
pub(crate) type Symbol = usize;
/// A place that `%` asks for, by its number in the parser's table; its label is a symbol.
pub(crate) type Slot = usize;

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) position: usize,
    /// `[]` stands behind it: one item stays a list.
    pub(crate) keep_array: bool,
    /// What filters the result of an expression that is no step.
    pub(crate) predicates: Vec<Stage>,
    /// What filters or counts the items of a step, for each context.
    pub(crate) stages: Vec<Stage>,
    pub(crate) group: Option<Box<Group>>,
    /// The step carries bindings along with its items.
    pub(crate) tuple: bool,
    /// `@$name`
    pub(crate) focus: Option<Symbol>,
    /// `#$name`
    pub(crate) index: Option<Symbol>,
    /// A `%` further on means the context of this step.
    pub(crate) ancestor: Option<Slot>,
    pub(crate) construct_array: bool,
    /// `%`s within that are not yet resolved.
    pub(crate) seeking: Vec<Slot>,
}

#[derive(Clone, Debug)]
pub(crate) enum Stage {
    Filter(Node),
    Index(Symbol),
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) pairs: Vec<(Node, Node)>,
    pub(crate) position: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Name(String),
    Text(String),
    Number(f64),
    Bool(bool),
    Null,
    Regex(Box<Regex>),
    Variable(Symbol),
    /// `$`
    Context,
    /// `$$`
    Root,
    Wildcard,
    Descendants,
    Parent(Slot),
    Path {
        steps: Vec<Node>,
        keep_singleton: bool,
    },
    Binary {
        operator: Binary,
        left: Box<Node>,
        right: Box<Node>,
    },
    Negate(Box<Node>),
    Array(Vec<Node>),
    Object(Box<Group>),
    Condition {
        test: Box<Node>,
        then: Box<Node>,
        otherwise: Option<Box<Node>>,
    },
    /// `a ?: b`
    Default(Box<Node>, Box<Node>),
    /// `a ?? b`
    Coalesce(Box<Node>, Box<Node>),
    Block(Vec<Node>),
    Bind(Symbol, Box<Node>),
    Call {
        function: Box<Node>,
        arguments: Vec<Node>,
    },
    /// A call with `?` in it.
    Partial {
        function: Box<Node>,
        arguments: Vec<Node>,
    },
    Placeholder,
    Lambda(Box<Lambda>),
    Apply(Box<Node>, Box<Node>),
    Transform(Box<Transform>),
    Sort(Vec<SortTerm>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Concatenate,
    And,
    Or,
    In,
    Range,
}

impl Binary {
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Concatenate => "&",
            Self::And => "and",
            Self::Or => "or",
            Self::In => "in",
            Self::Range => "..",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Lambda {
    pub(crate) parameters: Vec<Symbol>,
    pub(crate) signature: Option<Signature>,
    pub(crate) body: Node,
}

#[derive(Clone, Debug)]
pub(crate) struct Transform {
    pub(crate) pattern: Node,
    pub(crate) update: Node,
    pub(crate) delete: Option<Node>,
}

#[derive(Clone, Debug)]
pub(crate) struct SortTerm {
    pub(crate) descending: bool,
    pub(crate) expression: Node,
}

impl Node {
    pub(crate) fn new(kind: Kind, position: usize) -> Self {
        Self {
            kind,
            position,
            keep_array: false,
            predicates: Vec::new(),
            stages: Vec::new(),
            group: None,
            tuple: false,
            focus: None,
            index: None,
            ancestor: None,
            construct_array: false,
            seeking: Vec::new(),
        }
    }

    pub(crate) fn path(steps: Vec<Self>, position: usize) -> Self {
        Self::new(Kind::Path { steps, keep_singleton: false }, position)
    }

    /// What it is called where a function is missing: the name of a variable or of a path of one name.
    pub(crate) fn single_name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Path { steps, .. } => match steps.as_slice() {
                [Self { kind: Kind::Name(name), .. }] => Some(name),
                _ => None,
            },
            _ => None,
        }
    }
}
