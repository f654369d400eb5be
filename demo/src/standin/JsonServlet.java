package standin;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.util.Map;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;

/** JSON in, JSON out, problems as JSON too. */
abstract class JsonServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_BODY = 10_000;
    static final Gson GSON = new GsonBuilder().serializeNulls().create();

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
        if (type == null || !type.toLowerCase(java.util.Locale.ROOT).startsWith("application/json")) {
            throw new Problem(415, "send JSON");
        }
        if (request.getContentLengthLong() > LONGEST_BODY) {
            throw new Problem(413, "this is too long");
        }
        try {
            return GSON.fromJson(request.getReader(), JsonObject.class);
        } catch (JsonParseException e) {
            throw new Problem(400, "this is not a JSON object");
        }
    }

    static String text(JsonObject body, String name) {
        if (body == null || !body.has(name) || !body.get(name).isJsonPrimitive() || body.get(name).getAsString().isBlank()) {
            throw new Problem(400, name + " is missing");
        }
        return body.get(name).getAsString();
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
            request.setCharacterEncoding("UTF-8");
            super.service(request, response);
        } catch (Problem e) {
            answer(response, e.status, Map.of("error", e.getMessage(), "node", application().node));
        } catch (javax.servlet.ServletException | RuntimeException e) {
            System.getLogger("standin").log(System.Logger.Level.ERROR, "request failed", e);
            answer(response, 500, Map.of("error", "this should not have happened", "node", application().node));
        }
    }
}
