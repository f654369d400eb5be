package standin;

import java.math.BigDecimal;

/** What somebody asked for: from whom, to whom, how much, under which key of their own. */
record Transfer(String key, String payer, String payee, BigDecimal amount) {

    /** Whether a stored transfer is the one that was asked for under the same key. */
    boolean same(Transfer other) {
        return payer.equals(other.payer) && payee.equals(other.payee) && amount.compareTo(other.amount) == 0;
    }
}
