package org.keops.automigrate.script;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What psql makes of a script, without any server: a backend that says yes to everything and writes down each Query
 * message. Data of a COPY is one more entry, behind {@code >}.
 */
final class Psql {
    private static final String BLANK = "(?:\\s++|--[^\\r\\n]*+|/\\*[^*]*+\\*++(?:[^/*][^*]*+\\*++)*+/)*+";
    private static final Pattern COPY =
            Pattern.compile("^" + BLANK + "copy\\b[^;']{0,2000}?\\bfrom" + BLANK + "std(in|out)\\b");
    private static final Pattern SETTING =
            Pattern.compile("^" + BLANK + "set (?:session |local )?standard_conforming_strings *(?:=|to) *'?(\\w+)");

    private Psql() {}

    static boolean isHere() {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, "psql"))) {
                return true;
            }
        }
        return false;
    }

    static List<String> queries(byte[] script) throws IOException, InterruptedException {
        Path file = Files.createTempFile("script", ".sql");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(10_000);
            Files.write(file, script);
            ProcessBuilder command = new ProcessBuilder(
                    "psql",
                    "-X",
                    "-q",
                    "-f",
                    file.toString(),
                    "host=127.0.0.1 port=" + server.getLocalPort()
                            + " user=u dbname=d sslmode=disable gssencmode=disable client_encoding=UTF8");
            command.environment().put("EDITOR", "true");
            Process psql = command.redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            psql.getOutputStream().close();
            try (Socket socket = server.accept()) {
                socket.setSoTimeout(10_000);
                return new Backend(socket).run();
            } finally {
                if (!psql.waitFor(10, TimeUnit.SECONDS)) {
                    psql.destroyForcibly();
                }
            }
        } finally {
            Files.delete(file);
        }
    }

    private static final class Backend {
        private final DataInputStream in;
        private final DataOutputStream out;
        private final List<String> queries = new ArrayList<>();

        Backend(Socket socket) throws IOException {
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream())); // else 40 ms a query
        }

        List<String> run() throws IOException {
            in.readNBytes(in.readInt() - 4);
            send('R', 0, 0, 0, 0);
            parameter("server_version", "15.0");
            parameter("standard_conforming_strings", "on");
            parameter("client_encoding", "UTF8");
            send('Z', 'I');
            out.flush();
            for (int type = in.read(); type == 'Q'; type = in.read()) {
                byte[] message = in.readNBytes(in.readInt() - 4);
                answer(new String(message, 0, message.length - 1, StandardCharsets.UTF_8));
                out.flush();
            }
            return queries;
        }

        private void answer(String query) throws IOException {
            queries.add(query);
            String text = query.toLowerCase(Locale.ROOT);
            if (COPY.matcher(text).find()) {
                send('G', 0, 0, 0);
                out.flush();
                queries.add(">" + copied());
            }
            Matcher setting = SETTING.matcher(text);
            if (setting.find()) {
                parameter("standard_conforming_strings", setting.group(1).matches("off|false") ? "off" : "on");
            }
            send('C', 'O', 'K', 0);
            send('Z', 'I');
        }

        private String copied() throws IOException {
            ByteArrayOutputStream data = new ByteArrayOutputStream();
            for (int type = in.read(); type == 'd'; type = in.read()) {
                data.write(in.readNBytes(in.readInt() - 4));
            }
            in.readNBytes(in.readInt() - 4);
            return data.toString(StandardCharsets.ISO_8859_1);
        }

        private void parameter(String name, String value) throws IOException {
            byte[] body = (name + '\0' + value + '\0').getBytes(StandardCharsets.UTF_8);
            out.write('S');
            out.writeInt(4 + body.length);
            out.write(body);
        }

        private void send(char type, int... body) throws IOException {
            out.write(type);
            out.writeInt(4 + body.length);
            for (int b : body) {
                out.write(b);
            }
        }
    }
}
