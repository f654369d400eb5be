package standin;

/** An answer that is not a success: its HTTP status and a sentence for a person. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int status;

    Problem(int status, String sentence) {
        super(sentence, null, false, false);
        this.status = status;
    }
}
