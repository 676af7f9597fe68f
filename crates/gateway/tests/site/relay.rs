//! A stretch of wire between the gateway and the platform: everything that passes is kept, and bytes that no library would
//! send can be put into it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::JoinSet;

pub struct Relay {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
    inject: broadcast::Sender<Vec<u8>>,
    _tasks: JoinSet<()>,
}

impl Relay {
    /// A relay in front of `platform`. Where the platform names its own address, the gateway reads the relay's.
    pub async fn before(platform: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (platform_name, own_name) = (platform.to_string(), address.to_string());
        // So that lengths in headers stay right.
        assert_eq!(platform_name.len(), own_name.len());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (inject, _) = broadcast::channel(16);
        let wire = Wire {
            heard: Arc::clone(&heard),
            inject: inject.clone(),
            names: (platform_name.into(), own_name.into()),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(platform).await.unwrap();
                connections.spawn(wire.clone().carry(client, server));
                while connections.try_join_next().is_some() {}
            }
        });
        Self {
            address,
            heard,
            inject,
            _tasks: tasks,
        }
    }

    /// Writes bytes to every WebSocket of the gateway, between two frames.
    pub fn inject(&self, bytes: impl Into<Vec<u8>>) {
        self.inject.send(bytes.into()).expect("somebody listens");
    }

    /// The texts that stood behind `"name":"` in anything that passed.
    pub fn values(&self, name: &str) -> Vec<String> {
        let heard = String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned();
        let start = format!("\"{name}\":\"");
        let values = heard.split(&start).skip(1);
        values
            .filter_map(|rest| rest.split('"').next())
            .map(str::to_owned)
            .collect()
    }
}

#[derive(Clone)]
struct Wire {
    heard: Arc<Mutex<Vec<u8>>>,
    inject: broadcast::Sender<Vec<u8>>,
    names: (Vec<u8>, Vec<u8>),
}

impl Wire {
    async fn carry(self, mut client: TcpStream, mut server: TcpStream) {
        drop((client.set_nodelay(true), server.set_nodelay(true)));
        let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
        let mut is_socket = false;
        let mut injected = self.inject.subscribe();
        loop {
            let written = tokio::select! {
                read = client.read(&mut up) => match read {
                    Ok(count @ 1..) => server.write_all(self.listen(&mut up[..count])).await,
                    _ => return,
                },
                read = server.read(&mut down) => match read {
                    Ok(count @ 1..) => {
                        is_socket |= down.starts_with(b"HTTP/1.1 101");
                        client.write_all(self.listen(&mut down[..count])).await
                    }
                    _ => return,
                },
                Ok(bytes) = injected.recv() => if is_socket {
                    client.write_all(&bytes).await
                } else {
                    Ok(())
                },
            };
            if written.is_err() {
                return;
            }
        }
    }

    fn listen<'a>(&self, bytes: &'a mut [u8]) -> &'a [u8] {
        let (platform, own) = &self.names;
        let places: Vec<usize> = (0..bytes.len())
            .filter(|&place| bytes[place..].starts_with(platform))
            .collect();
        for place in places {
            bytes[place..place + own.len()].copy_from_slice(own);
        }
        self.heard.lock().unwrap().extend_from_slice(bytes);
        bytes
    }
}
