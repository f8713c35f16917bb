package com.sdragent.imports.web;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tomcat's endpoint, with the service's own connections. */
final class HttpEndpoint extends NioEndpoint {
  private static final Logger log = LoggerFactory.getLogger(HttpEndpoint.class);

  private static final Duration LINGER = Duration.ofSeconds(2);
  private static final int LINGER_BUFFER = 8192;
  private static final int MOST_LINGERED = 1024 * 1024;

  private Duration headerTimeout = Duration.ofSeconds(20);

  void setHeaderTimeout(Duration headerTimeout) {
    this.headerTimeout = headerTimeout;
  }

  Duration headerTimeout() {
    return headerTimeout;
  }

  /** Repeats the code of {@link NioEndpoint}, which creates its connections itself. */
  @Override
  protected boolean setSocketOptions(SocketChannel socket) {
    Connection accepted = null;
    try {
      NioChannel channel = getNioChannels() == null ? null : getNioChannels().pop();
      if (channel == null) {
        channel =
            createChannel(
                new SocketBufferHandler(
                    socketProperties.getAppReadBufSize(),
                    socketProperties.getAppWriteBufSize(),
                    socketProperties.getDirectBuffer()));
      }
      var connection = new Connection(channel, this);
      channel.reset(socket, connection);
      connections.put(socket, connection);
      accepted = connection;
      socket.configureBlocking(false);
      socketProperties.setProperties(socket.socket());
      connection.setReadTimeout(headerTimeout.toMillis());
      connection.setWriteTimeout(getConnectionTimeout());
      connection.setKeepAliveLeft(getMaxKeepAliveRequests());
      getPoller().register(connection);
      return true;
    } catch (IOException | RuntimeException e) {
      log.debug("A connection failed before its first request", e);
      if (accepted == null) destroySocket(socket);
      return false;
    }
  }

  /** A client's connection. Its methods belong to the thread that handles the request. */
  static final class Connection extends NioSocketWrapper implements ClientConnection {
    private long bodyDeadline;

    private Connection(NioChannel channel, NioEndpoint endpoint) {
      super(channel, endpoint);
    }

    /** Gives the client this long, from now on, for the whole body. */
    void expectBody(Duration timeout) {
      bodyDeadline = System.nanoTime() + timeout.toNanos();
    }

    /**
     * Reads the rest of a refused request for a short while: closing the connection earlier would
     * take the answer away from the client.
     */
    void awaitItsEnd() {
      expectBody(LINGER);
      ByteBuffer scrap = ByteBuffer.allocate(LINGER_BUFFER);
      try {
        if (!(getSocket() instanceof SecureNioChannel)) {
          getSocket().getIOChannel().shutdownOutput();
        }
        for (int bytes = 0; bytes < MOST_LINGERED; bytes += read(true, scrap)) scrap.clear();
      } catch (IOException e) {
        // The client has gone, or takes too long.
      }
    }

    @Override
    public int read(boolean block, ByteBuffer to) throws IOException {
      // Headers are read without blocking, so this is a body.
      if (block) {
        long left = Duration.ofNanos(bodyDeadline - System.nanoTime()).toMillis();
        if (left <= 0) throw new SocketTimeoutException();
        setReadTimeout(left);
        // The poller counts from the last read, which may be long ago.
        updateLastRead();
      }
      return super.read(block, to);
    }

    @Override
    public boolean isOpen() {
      if (isClosed()) return false;
      try {
        socketBufferHandler.configureReadBufferForWrite();
        ByteBuffer ahead = socketBufferHandler.getReadBuffer();
        return !ahead.hasRemaining() || getSocket().read(ahead) >= 0;
      } catch (IOException _) {
        return false;
      }
    }
  }
}
