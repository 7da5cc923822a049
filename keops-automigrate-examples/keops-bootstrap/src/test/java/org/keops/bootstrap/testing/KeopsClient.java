package org.keops.bootstrap.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.keops.automigrate.testing.Conditions;

/**
 * KEOPS as somebody sees it who can only ask over HTTP.
 *
 * @param port where it serves
 */
public record KeopsClient(int port) {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /**
     * An answer.
     *
     * @param status the HTTP status
     * @param body the JSON
     */
    public record Answer(int status, String body) {

        private static final String TEXT = "(?:[^\"\\\\]|\\\\.)*";

        /**
         * Reads a field.
         *
         * @param name of a text or a number
         * @return its value, empty if there is none
         */
        public String field(String name) {
            Matcher matcher = Pattern.compile("\"" + name + "\":(?:\"(" + TEXT + ")\"|(\\w+))")
                    .matcher(body);
            if (!matcher.find()) {
                return "";
            }
            return matcher.group(1) == null ? matcher.group(2) : unescaped(matcher.group(1));
        }

        /**
         * Reads a field.
         *
         * @param name of a list of texts
         * @return its values
         */
        public List<String> list(String name) {
            Matcher list = Pattern.compile("\"" + name + "\":\\[((?:\"" + TEXT + "\",?)*)]")
                    .matcher(body);
            return list.find()
                    ? Pattern.compile("\"(" + TEXT + ")\"")
                            .matcher(list.group(1))
                            .results()
                            .map(text -> unescaped(text.group(1)))
                            .toList()
                    : List.of();
        }

        private static String unescaped(String text) {
            return text.replace("\\\"", "\"").replace("\\\\", "\\");
        }
    }

    /**
     * Asks for {@code /health}.
     *
     * @return the answer
     */
    public Answer health() {
        return get("/health");
    }

    /**
     * Waits until the migration has ended and the pool was tried.
     *
     * @return the answer then
     */
    public Answer settled() {
        return await(
                "the boot has ended",
                answer -> answer.field("state").equals("finished")
                        && !answer.field("applicationPool").equals("not opened"));
    }

    /**
     * Waits for an answer.
     *
     * @param what what is waited for
     * @param condition whether this is it
     * @return the first answer that is it
     */
    public Answer await(String what, Predicate<Answer> condition) {
        Answer[] last = new Answer[1];
        Conditions.await(what, () -> {
            last[0] = health();
            return condition.test(last[0]);
        });
        return last[0];
    }

    /**
     * Asks for a page.
     *
     * @param path the page
     * @return the answer
     */
    public Answer get(String path) {
        return send("GET", path);
    }

    /**
     * Sends a request without a body.
     *
     * @param method the method
     * @param path the page
     * @return the answer
     */
    public Answer send(String method, String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            HttpResponse<String> response = HTTP.send(request, BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
