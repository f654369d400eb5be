package standin;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** GET /api/audit: whether the books are right, asked of the leader. */
public final class AuditServlet extends JsonServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        user(request);
        Map<String, Object> audit = new LinkedHashMap<>(application().ledger.audit());
        audit.put("node", application().node);
        answer(response, 200, audit);
    }
}
