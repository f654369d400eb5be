package standin;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** POST /api/transfers books, GET /api/transfers/{key} finds, GET /api/transfers?after=ID&limit=N pages through all. */
public final class TransferServlet extends JsonServlet {
    private static final long serialVersionUID = 1L;
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._:~-]{1,100}");
    private static final String HEADER = "Idempotency-Key";
    private static final int LARGEST_PAGE = 10_000;
    private static final BigDecimal LARGEST_AMOUNT = new BigDecimal("1000000000");

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String payer = user(request);
        JsonObject body = body(request);
        if (body.has("from") && !text(body, "from").equals(payer)) {
            throw new Problem(403, "you can pay from your own account only");
        }
        Transfer wanted = new Transfer(key(body, request.getHeader(HEADER)), payer, text(body, "to"), amount(body));
        if (wanted.payee().equals(payer)) {
            throw new Problem(400, "payer and payee are the same");
        }
        boolean isNew = application().ledger.transfer(wanted);
        Map<String, Object> booked = new LinkedHashMap<>();
        booked.put("key", wanted.key());
        booked.put("from", wanted.payer());
        booked.put("to", wanted.payee());
        booked.put("amount", wanted.amount());
        booked.put("node", application().node);
        answer(response, isNew ? 201 : 200, booked);
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        user(request);
        String path = request.getPathInfo();
        if (path != null && path.length() > 1) {
            String key = path.substring(1);
            if (!KEY.matcher(key).matches()) {
                throw new Problem(404, "no transfer has this key");
            }
            answer(response, 200, application().ledger.stored(key));
            return;
        }
        long after = number(request, "after", 0);
        int limit = (int) Math.max(1, Math.min(LARGEST_PAGE, number(request, "limit", 1000)));
        answer(response, 200, Map.of("transfers", application().ledger.after(after, limit)));
    }

    /** From the body or from the header; a client that names two different ones is in error. */
    private static String key(JsonObject body, String header) {
        String key = header == null || body.has("idempotencyKey") ? text(body, "idempotencyKey") : header;
        if (header != null && !header.equals(key)) {
            throw new Problem(400, "idempotencyKey and the header " + HEADER + " differ");
        }
        if (!KEY.matcher(key).matches()) {
            throw new Problem(400, "idempotencyKey may have 100 letters, digits and . _ : ~ -");
        }
        return key;
    }

    private static BigDecimal amount(JsonObject body) {
        try {
            BigDecimal amount = new BigDecimal(text(body, "amount")).stripTrailingZeros();
            if (amount.scale() > 2 || amount.signum() <= 0 || amount.compareTo(LARGEST_AMOUNT) > 0) {
                throw new Problem(400, "amount must be positive, with at most two decimals");
            }
            return amount.setScale(2);
        } catch (NumberFormatException e) {
            throw new Problem(400, "amount is not a number");
        }
    }

    private static long number(HttpServletRequest request, String name, long otherwise) {
        String given = request.getParameter(name);
        try {
            return given == null ? otherwise : Long.parseLong(given);
        } catch (NumberFormatException e) {
            throw new Problem(400, name + " is not a number");
        }
    }
}
