//! The study folder and its road: build, verify, trace, templates, simulator.
