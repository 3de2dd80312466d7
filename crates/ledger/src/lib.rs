//! Events in a hash chain, their storage and its proof.
