//! How a trial is designed: how its subjects are allocated to arms.

pub mod fuzz;
pub mod randomisation;
