package org.keops.automigrate.graph;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Revision;

/** Alembic's recorded behaviour: the resources, or the file that the system property {@code alembic.vectors} names. */
final class Vectors {
    private static final List<String> RESOURCES = List.of(
            "/alembic/alembic-public.json.gz", "/alembic/alembic-more.json.gz", "/alembic/alembic-ends.json.gz");

    private final List<Map<?, ?>> roots;

    /** A part of a case, with the types that its reader expects. */
    record Part(Map<?, ?> members) {
        boolean has(String name) {
            return members.containsKey(name) && members.get(name) != Json.NULL;
        }

        Part part(String name) {
            return members.get(name) instanceof Map<?, ?> map ? new Part(map) : new Part(Map.of());
        }

        /** The same with another member. */
        Part with(String name, Object value) {
            Map<Object, Object> changed = new LinkedHashMap<>(members);
            changed.put(name, value);
            return new Part(changed);
        }

        String text(String name) {
            return members.get(name) instanceof String text ? text : "";
        }

        boolean flag(String name) {
            return Boolean.TRUE.equals(members.get(name));
        }

        List<?> list(String name) {
            return members.get(name) instanceof List<?> list ? list : List.of();
        }

        List<String> strings(String name) {
            return Vectors.strings(list(name));
        }

        List<List<String>> lists(String name) {
            return list(name).stream().map(Vectors::strings).toList();
        }
    }

    private Vectors(List<Map<?, ?>> roots) {
        this.roots = roots;
    }

    static Vectors load() throws IOException {
        String file = System.getProperty("alembic.vectors", "");
        if (!file.isEmpty()) {
            return new Vectors(List.of(parse(Files.readAllBytes(Path.of(file)))));
        }
        List<Map<?, ?>> roots = new ArrayList<>();
        for (String name : RESOURCES) {
            try (InputStream resource = Vectors.class.getResourceAsStream(name)) {
                roots.add(parse(Objects.requireNonNull(resource, name).readAllBytes()));
            }
        }
        return new Vectors(roots);
    }

    private static Map<?, ?> parse(byte[] bytes) throws IOException {
        return (Map<?, ?>) Json.parse(new String(unpacked(bytes), StandardCharsets.UTF_8));
    }

    private static byte[] unpacked(byte[] bytes) throws IOException {
        boolean gzip = bytes.length > 2 && (bytes[0] & 0xff) == 0x1f && (bytes[1] & 0xff) == 0x8b;
        if (!gzip) {
            return bytes;
        }
        try (InputStream in = new GZIPInputStream(new java.io.ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        }
    }

    Map<?, ?> graphs() {
        Map<Object, Object> graphs = new LinkedHashMap<>();
        roots.forEach(root -> graphs.putAll((Map<?, ?>) Objects.requireNonNull(root.get("graphs"))));
        return graphs;
    }

    Part graph(String name) {
        for (Map<?, ?> root : roots) {
            if (((Map<?, ?>) Objects.requireNonNull(root.get("graphs"))).get(name) instanceof Map<?, ?> graph) {
                return new Part(graph);
            }
        }
        throw new IllegalArgumentException(name);
    }

    List<Part> cases() {
        List<Part> cases = new ArrayList<>();
        for (Map<?, ?> root : roots) {
            for (Object element : (List<?>) Objects.requireNonNull(root.get("cases"))) {
                cases.add(new Part((Map<?, ?>) element));
            }
        }
        return cases;
    }

    static List<Revision> revisions(Part graph) {
        List<Revision> revisions = new ArrayList<>();
        for (Object element : graph.list("revisions")) {
            Part part = new Part((Map<?, ?>) element);
            revisions.add(Scripts.revision(
                    part.text("revision"),
                    part.strings("down_revision"),
                    part.strings("depends_on"),
                    part.strings("branch_labels"),
                    revisions.size()));
        }
        return revisions;
    }

    static List<String> strings(@Nullable Object list) {
        return list instanceof List<?> elements
                ? elements.stream().map(String::valueOf).toList()
                : List.of();
    }
}
