package org.keops.automigrate.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import javax.net.SocketFactory;

/**
 * Connects to a socket in the file system whatever address is asked for, as libraries for that do:
 * {@code socketFactory=org.keops.automigrate.testing.UnixSockets&socketFactoryArg=/run/postgresql/.s.PGSQL.5432}. No timeouts: a read
 * waits until there is something or the socket is closed.
 */
public final class UnixSockets extends SocketFactory {
    private final UnixDomainSocketAddress address;

    /**
     * Called by the driver.
     *
     * @param path the socket's
     */
    public UnixSockets(String path) {
        this.address = UnixDomainSocketAddress.of(path);
    }

    @Override
    public Socket createSocket() throws IOException {
        return new UnixSocket(SocketChannel.open(StandardProtocolFamily.UNIX), address);
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException();
    }

    /** What TCP has and this has not is accepted and without effect. */
    private static final class UnixSocket extends Socket {
        private final SocketChannel channel;
        private final UnixDomainSocketAddress address;

        UnixSocket(SocketChannel channel, UnixDomainSocketAddress address) {
            this.channel = channel;
            this.address = address;
        }

        @Override
        public void connect(SocketAddress ignored, int timeout) throws IOException {
            channel.connect(address);
        }

        @Override
        public boolean isConnected() {
            return channel.isConnected();
        }

        @Override
        public InputStream getInputStream() {
            return Channels.newInputStream(channel);
        }

        @Override
        public OutputStream getOutputStream() {
            return Channels.newOutputStream(channel);
        }

        @Override
        public void setTcpNoDelay(boolean on) {}

        @Override
        public void setKeepAlive(boolean on) {}

        @Override
        public void setSoTimeout(int timeout) {}

        @Override
        public int getSoTimeout() {
            return 0;
        }

        @Override
        public synchronized void close() throws IOException {
            channel.close();
            super.close();
        }
    }
}
