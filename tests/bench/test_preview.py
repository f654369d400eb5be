"""What a preview that finds nothing to change costs, refresh included."""

import pytest

from tests.bench.figures import Results, check, interleaved, median_difference, median_ratio
from tests.bench.workspace import Workspace

pytestmark = pytest.mark.bench
ROUNDS = 7
FEW, MANY = 2, 20


def test_preview_of_default_stack(workspace: Workspace, results: Results) -> None:
    """The whole default stack against one container, alternating."""
    cluster, one = workspace.cluster(), workspace.one_container()
    cluster.up()
    one.up()
    for warm_up in (cluster.preview, one.preview):
        warm_up()
    ours, theirs = interleaved(ROUNDS, cluster.preview, one.preview)
    ratio = median_ratio(ours, theirs)
    results.record("preview_ratio", ratio, {"default stack, s": ours, "one container, s": theirs})
    check("preview_ratio", ratio)


def test_preview_grows_slowly(workspace: Workspace, results: Results) -> None:
    """Two stacks side by side, with 2 and with 20 nodes, alternating; the slope between them.

    Twenty Java web apps would keep this machine busy and so spoil the measurement; a preview looks at containers only.
    """
    few = workspace.cluster_of_light_nodes(**{"tomcat.nodes": FEW})
    many = workspace.cluster_of_light_nodes(**{"tomcat.nodes": MANY})
    few.up()
    many.up()
    for warm_up in (few.preview, many.preview):
        warm_up()
    of_few, of_many = interleaved(ROUNDS, few.preview, many.preview)
    slope = 1000 * median_difference(of_many, of_few) / (MANY - FEW)
    results.record("preview_ms_per_node", slope, {f"{FEW} nodes, s": of_few, f"{MANY} nodes, s": of_many})
    check("preview_ms_per_node", slope)
