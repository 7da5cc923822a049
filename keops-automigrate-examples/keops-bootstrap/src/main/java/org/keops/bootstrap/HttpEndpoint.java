package org.keops.bootstrap;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Serves two pages. {@code /health} is for liveness and for people: 200 as long as the process answers, because a
 * restart does not mend a database. {@code /ready} is for load balancers: 200 or 503. Both tell the same.
 *
 * <p>Answers come from memory and never wait for the database. Thread-safe.
 */
final class HttpEndpoint implements AutoCloseable {
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int UNAVAILABLE = 503;
    private static final int THREADS = 4;

    private final HttpServer server;
    private final ExecutorService workers;

    private HttpEndpoint(HttpServer server, ExecutorService workers) {
        this.server = server;
        this.workers = workers;
    }

    /**
     * Starts to serve. The server's own thread is not a daemon: it is what keeps KEOPS running.
     *
     * @param port where; 0 for any free port
     * @param health asked at each request
     * @throws IOException if the port can not be had
     */
    static HttpEndpoint open(int port, Supplier<Health> health) throws IOException {
        ExecutorService workers = Executors.newFixedThreadPool(THREADS, Threads.daemon("keops-http"));
        HttpServer server = bind(port);
        server.setExecutor(workers);
        server.createContext("/", exchange -> handle(exchange, health.get()));
        server.start();
        return new HttpEndpoint(server, workers);
    }

    private static HttpServer bind(int port) throws IOException {
        try {
            return HttpServer.create(new InetSocketAddress(port), 0);
        } catch (BindException e) {
            throw new IOException(
                    "can not serve on port " + port + ", set " + Environment.HTTP_PORT + " to another", e);
        }
    }

    private static void handle(HttpExchange exchange, Health health) throws IOException {
        try (exchange) {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (!head && !exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(METHOD_NOT_ALLOWED, -1);
                return;
            }
            switch (exchange.getRequestURI().getPath()) {
                case "/health" -> answer(exchange, OK, health, head);
                case "/ready" -> answer(exchange, health.ready() ? OK : UNAVAILABLE, health, head);
                default -> exchange.sendResponseHeaders(NOT_FOUND, -1);
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, Health health, boolean head) throws IOException {
        byte[] body = health.json().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
