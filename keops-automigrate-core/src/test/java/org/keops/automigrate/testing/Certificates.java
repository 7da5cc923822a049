package org.keops.automigrate.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Two certificates of a host that nobody connects to by that name.
 *
 * @param good valid today, signed by itself
 * @param expired valid once, signed by the other
 */
public record Certificates(Identity good, Identity expired) {
    private static final char[] PASSWORD = "changeit".toCharArray();

    /** Makes them with the JDK's own keytool. */
    public static Certificates in(Path directory) throws Exception {
        Identity good = make(directory, "good");
        return new Certificates(good, expired(directory, good));
    }

    /**
     * A key and its certificate, in files as PostgreSQL reads them.
     *
     * @param certificate PEM
     * @param key PEM, readable by its owner only
     * @param store both
     */
    public record Identity(Path certificate, Path key, KeyStore store) {

        /** A server that agrees to TLS and then shows this certificate. */
        public FakePeer.Talk server() {
            return FakePeer.agreesToTls(socket -> {
                try (SSLSocket tls = encrypted(socket)) {
                    tls.setUseClientMode(false);
                    FakePeer.silent(tls);
                } catch (GeneralSecurityException e) {
                    throw new IOException(e);
                }
            });
        }

        private SSLSocket encrypted(Socket socket) throws GeneralSecurityException, IOException {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return (SSLSocket) context.getSocketFactory().createSocket(socket, InputStream.nullInputStream(), true);
        }
    }

    private static Identity make(Path directory, String name) throws Exception {
        keytool(directory, name, "-genkeypair", "-keyalg", "EC", "-dname", "CN=db.example", "-ext", "bc=ca:true");
        KeyStore store = load(directory, name);
        return write(directory, name, store);
    }

    /** Has it signed by another, for three days that have passed: nobody asks how old a root certificate is. */
    private static Identity expired(Path directory, Identity signer) throws Exception {
        Identity unsigned = make(directory, "expired");
        Path request = directory.resolve("expired.csr");
        Path signed = directory.resolve("expired.cer");
        keytool(directory, "expired", "-certreq", "-file", request.toString());
        String[] sign = {"-gencert", "-startdate", "-9d", "-validity", "3"};
        keytool(
                directory,
                "good",
                Stream.concat(Stream.of(sign), Stream.of("-infile", request.toString(), "-outfile", signed.toString()))
                        .toArray(String[]::new));
        try (InputStream in = new BufferedInputStream(Files.newInputStream(signed))) {
            Certificate certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
            Certificate[] chain = {certificate, signer.store().getCertificate("good")};
            unsigned.store().setKeyEntry("expired", unsigned.store().getKey("expired", PASSWORD), PASSWORD, chain);
            return write(directory, "expired", unsigned.store());
        }
    }

    private static Identity write(Path directory, String name, KeyStore store) throws Exception {
        Path certificate = directory.resolve(name + ".crt");
        Path key = directory.resolve(name + ".key");
        write(certificate, "CERTIFICATE", store.getCertificate(name).getEncoded());
        write(key, "PRIVATE KEY", store.getKey(name, PASSWORD).getEncoded());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        return new Identity(certificate, key, store);
    }

    private static KeyStore load(Path directory, String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = new BufferedInputStream(Files.newInputStream(directory.resolve(name + ".p12")))) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    private static void keytool(Path directory, String name, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", name, "-storepass", new String(PASSWORD)));
        command.addAll(List.of("-keystore", directory.resolve(name + ".p12").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(output);
        }
    }

    private static void write(Path file, String what, byte[] content) throws IOException {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(file, "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n");
    }
}
