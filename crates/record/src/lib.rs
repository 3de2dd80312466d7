//! What people record: capture, queries, verification, signatures, access.
