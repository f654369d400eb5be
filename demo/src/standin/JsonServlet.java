package standin;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;

/** JSON in, JSON out, problems as JSON too. */
abstract class JsonServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_BODY = 10_000;
    static final Gson GSON = new GsonBuilder().serializeNulls().setStrictness(Strictness.STRICT).create();

    final Application application() {
        return Application.of(getServletContext());
    }

    static void answer(HttpServletResponse response, int status, Map<String, ?> body) throws IOException {
        response.setStatus(status);
        response.setContentType("application/json;charset=UTF-8");
        response.setHeader("Cache-Control", "no-store");
        if (status == 503) {
            response.setHeader("Retry-After", "1");
        }
        // No flush: Tomcat replicates the session before it completes the answer.
        response.getWriter().write(GSON.toJson(body));
    }

    /** The request's body. Only JSON is taken: a form of another site cannot send that. */
    static JsonObject body(HttpServletRequest request) throws IOException {
        String type = request.getContentType();
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
            throw new Problem(415, "send JSON");
        }
        byte[] bytes = request.getInputStream().readNBytes(LONGEST_BODY + 1);
        if (bytes.length > LONGEST_BODY) {
            throw new Problem(413, "this is too long");
        }
        return parsed(new String(bytes, StandardCharsets.UTF_8));
    }

    private static JsonObject parsed(String text) {
        try {
            JsonObject body = GSON.fromJson(text, JsonObject.class);
            if (body != null) {
                return body;
            }
        } catch (JsonParseException e) {
            throw new Problem(400, "this is not a JSON object");
        }
        throw new Problem(400, "the body is empty");
    }

    static String text(JsonObject body, String name) {
        if (!body.has(name) || !body.get(name).isJsonPrimitive() || body.get(name).getAsString().isBlank()) {
            throw new Problem(400, name + " is missing");
        }
        String value = body.get(name).getAsString();
        // Half a surrogate pair would become "?", and a database text cannot hold NUL.
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(value) || value.chars().anyMatch(Character::isISOControl)) {
            throw new Problem(400, name + " holds characters that are not allowed");
        }
        return value;
    }

    static String user(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        Object user = session == null ? null : session.getAttribute("user");
        if (user == null) {
            throw new Problem(401, "log in first");
        }
        return (String) user;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            super.service(request, response);
        } catch (Problem e) {
            answer(response, e.status, Map.of("error", e.getMessage(), "node", application().node));
        } catch (javax.servlet.ServletException | RuntimeException e) {
            System.getLogger("standin").log(System.Logger.Level.ERROR, "request failed", e);
            answer(response, 500, Map.of("error", "this should not have happened", "node", application().node));
        }
    }
}
