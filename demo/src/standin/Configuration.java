package standin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** cyclos.properties, or the release's own file where nobody installed one. */
final class Configuration {
    static final String WRITE = "cyclos.datasource.";
    static final String READ_ONLY = "cyclos.datasource.readOnly.";

    private final Properties values = new Properties();

    Configuration() {
        try (InputStream file = open("/cyclos.properties", "/cyclos-release.properties")) {
            values.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String get(String key, String otherwise) {
        return values.getProperty(key, otherwise);
    }

    boolean has(String prefix) {
        return values.stringPropertyNames().stream().anyMatch(key -> key.startsWith(prefix));
    }

    /** Everything below a prefix, without the prefix. */
    Properties below(String prefix) {
        Properties found = new Properties();
        for (String key : values.stringPropertyNames()) {
            if (key.startsWith(prefix)) {
                found.setProperty(key.substring(prefix.length()), values.getProperty(key));
            }
        }
        return found;
    }

    private static InputStream open(String... names) throws IOException {
        for (String name : names) {
            InputStream file = Configuration.class.getResourceAsStream(name);
            if (file != null) {
                return file;
            }
        }
        throw new IOException("neither cyclos.properties nor cyclos-release.properties is in WEB-INF/classes");
    }
}
