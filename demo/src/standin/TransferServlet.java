package standin;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** POST /api/transfers books, GET /api/transfers/{key} finds, GET /api/transfers?after=ID&limit=N pages through all. */
public final class TransferServlet extends JsonServlet {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_KEY = 100;
    private static final int LARGEST_PAGE = 10_000;
    private static final BigDecimal LARGEST_AMOUNT = new BigDecimal("1000000000");

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String payer = user(request);
        JsonObject body = body(request);
        Transfer wanted = new Transfer(key(body), payer, text(body, "to"), amount(body));
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
            answer(response, 200, application().ledger.stored(path.substring(1)));
            return;
        }
        long after = number(request, "after", 0);
        int limit = (int) Math.min(LARGEST_PAGE, number(request, "limit", 1000));
        answer(response, 200, Map.of("transfers", application().ledger.after(after, limit)));
    }

    private static String key(JsonObject body) {
        String key = text(body, "idempotencyKey");
        if (key.length() > LONGEST_KEY) {
            throw new Problem(400, "idempotencyKey is longer than " + LONGEST_KEY);
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
