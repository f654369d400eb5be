package standin;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** GET /api: 200 only when the database answers, within three seconds. */
public final class HealthServlet extends JsonServlet {
    private static final long serialVersionUID = 1L;
    private static final int PATIENCE_SECONDS = 3;
    // Questions that hang while there is no leader must not take all of the server's threads.
    private final transient ExecutorService questions =
            new ThreadPoolExecutor(0, 8, 30, TimeUnit.SECONDS, new SynchronousQueue<>());

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean works = works();
        answer(response, works ? 200 : 503, Map.of("status", works ? "ok" : "no database", "node", application().node));
    }

    private boolean works() {
        try {
            Callable<Boolean> question = application()::works;
            return questions.submit(question).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void destroy() {
        questions.shutdownNow();
    }
}
