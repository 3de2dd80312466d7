//! Estimators and tests: linear and mixed models.
