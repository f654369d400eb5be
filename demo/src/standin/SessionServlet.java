package standin;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;

/** /api/session: who am I, on which node, and a counter that lives in the session only. */
public final class SessionServlet extends JsonServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        synchronized (this) { // of two requests of one session at once, both count
            Integer counter = (Integer) session.getAttribute("counter");
            session.setAttribute("counter", counter == null ? 1 : counter + 1);
        }
        answer(response, 200, state(request, session));
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        JsonObject body = body(request);
        String user = text(body, "user");
        if (!application().ledger.knows(user, text(body, "password"))) {
            throw new Problem(401, "user or password is wrong");
        }
        HttpSession session = request.getSession();
        if (!session.isNew()) {
            request.changeSessionId(); // a session id that somebody planted before the login is worth nothing after it
        }
        session.setAttribute("user", user);
        answer(response, 200, state(request, session));
    }

    @Override
    protected void doDelete(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(false);
        if (session != null) {
            session.invalidate();
        }
        answer(response, 200, Map.of("node", application().node));
    }

    private Map<String, Object> state(HttpServletRequest request, HttpSession session) {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("node", application().node);
        state.put("user", session.getAttribute("user"));
        state.put("counter", session.getAttribute("counter"));
        state.put("members", application().cluster.members());
        state.put("address", request.getRemoteAddr());
        state.put("forwardedFor", request.getHeader("X-Forwarded-For"));
        state.put("secure", request.isSecure());
        return state;
    }
}
