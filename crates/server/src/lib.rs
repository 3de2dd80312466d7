//! Pages and HTTP API over all rooms.
