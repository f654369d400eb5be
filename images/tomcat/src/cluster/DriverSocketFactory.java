package cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.SocketFactory;

/** Sockets for the JDBC driver, which goes on to its next server when one of them may not be connected to. */
abstract class DriverSocketFactory extends SocketFactory {
    /** Returns when this server may be connected to; throws when it may not. */
    abstract void admit(InetSocketAddress server) throws IOException;

    @Override
    public final Socket createSocket() {
        return new Socket() {
            @Override
            public void connect(SocketAddress endpoint, int timeout) throws IOException {
                admit((InetSocketAddress) endpoint);
                super.connect(endpoint, timeout);
            }
        };
    }

    // The driver makes unconnected sockets only.

    @Override
    public final Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public final Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException();
    }
}
