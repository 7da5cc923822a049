package org.keops.automigrate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A directory of revision scripts for one test.
 *
 * @param directory where they are
 */
public record Scripts(Path directory) {

    /**
     * Adds a revision.
     *
     * @param id its id, also its file's name
     * @param revises what it revises, comma-separated; empty for a base
     * @param body what follows the header
     * @return these scripts
     */
    public Scripts add(String id, String revises, String body) {
        return file(id + ".sql", header(id, revises) + "\n" + body + "\n");
    }

    /**
     * Adds a revision with more header lines.
     *
     * @param id its id
     * @param revises what it revises
     * @param headerLines further lines of the header, each with its {@code -- }
     * @param body what follows the header
     * @return these scripts
     */
    public Scripts add(String id, String revises, String headerLines, String body) {
        return file(id + ".sql", header(id, revises) + headerLines + "\n\n" + body + "\n");
    }

    /**
     * Adds any file.
     *
     * @param name its name
     * @param content its text
     * @return these scripts
     */
    public Scripts file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Adds any file.
     *
     * @param name its name
     * @param content its bytes
     * @return these scripts
     */
    public Scripts file(String name, byte[] content) {
        try {
            Files.write(directory.resolve(name), content);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String header(String id, String revises) {
        return "-- Revision " + id + "\n--\n-- Revision ID: " + id + "\n-- Revises: " + revises
                + "\n-- Create Date: 2024-01-01 00:00:00.000000\n";
    }
}
