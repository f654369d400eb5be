package standin;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** GET /api/ledger: accounts and last transfers, read from a standby where there is one. */
public final class LedgerServlet extends JsonServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Map<String, Object> ledger = new LinkedHashMap<>(application().ledger.overview());
        ledger.put("node", application().node);
        answer(response, 200, ledger);
    }
}
