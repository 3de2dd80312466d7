//! One connection of the protocol: calls with their answers, and the events between them.

use serde_json::{Value, json};
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::{Message, WebSocket};

/// How long an answer or an event may take.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Wire {
    socket: WebSocket<TcpStream>,
    last: u64,
    /// Events that nobody has looked at yet.
    pub events: Vec<Value>,
}

impl Wire {
    pub fn open(address: &str, host: &str) -> Self {
        let stream = TcpStream::connect(host).unwrap_or_else(|e| panic!("no connection to {host}: {e}"));
        stream.set_read_timeout(Some(PATIENCE)).unwrap_or_else(|e| panic!("{e}"));
        let _ = stream.set_nodelay(true);
        let config = tungstenite::protocol::WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let (socket, _) = tungstenite::client::client_with_config(address, stream, Some(config))
            .unwrap_or_else(|e| panic!("{address}: {e}"));
        Self { socket, last: 0, events: Vec::new() }
    }

    /// Calls and waits for the answer's result.
    #[track_caller]
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.try_call(method, params).unwrap_or_else(|e| panic!("{method}: {e}"))
    }

    pub fn try_call(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.last += 1;
        let text = json!({ "id": self.last, "method": method, "params": params }).to_string();
        self.socket.send(Message::text(text)).map_err(|e| e.to_string())?;
        loop {
            let mut message = self.read()?;
            if message["id"].as_u64() == Some(self.last) {
                return match message.get("error") {
                    Some(error) => Err(error.to_string()),
                    None => Ok(message["result"].take()),
                };
            }
        }
    }

    /// The next message; an event is kept as well.
    fn read(&mut self) -> Result<Value, String> {
        loop {
            let message = self.socket.read().map_err(|e| format!("nothing came within {PATIENCE:?}: {e}"))?;
            let Message::Text(text) = message else { continue };
            let value: Value = serde_json::from_str(&text).map_err(|e| e.to_string())?;
            if value.get("method").is_some() {
                self.events.push(value.clone());
            }
            return Ok(value);
        }
    }
}
