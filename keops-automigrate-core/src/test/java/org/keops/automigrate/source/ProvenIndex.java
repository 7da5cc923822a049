package org.keops.automigrate.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The scripts of a directory with their index, of which is known what a jar tells of its entries; who opens one is somebody
 * else's. Immutable.
 *
 * @param directory the directory
 * @param opening what becomes of a script before it is opened
 */
public record ProvenIndex(Path directory, UnaryOperator<ScriptFile> opening) implements ScriptSource {

    @Override
    public List<ScriptFile> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(ScriptIndex::lists)
                    .sorted()
                    .map(this::file)
                    .toList();
        }
    }

    @Override
    public @Nullable ScriptIndex index() throws IOException {
        try (InputStream content = Files.newInputStream(directory.resolve(ScriptIndex.NAME))) {
            Seal seal = new Seal();
            for (ScriptFile file : list()) {
                byte[] bytes = Files.readAllBytes(directory.resolve(file.place()));
                seal.add(file.place(), bytes.length, Long.parseLong(ScriptIndex.sum(bytes, 0, bytes.length), 16));
            }
            return ScriptIndex.read(this::file, content, seal);
        }
    }

    @Override
    public String describe() {
        return "a directory like a jar";
    }

    private ScriptFile file(String name) {
        ScriptFile file = new ScriptFile(name, () -> Files.newInputStream(directory.resolve(name)));
        return name.equals(ScriptIndex.NAME) ? file : opening.apply(file);
    }
}
