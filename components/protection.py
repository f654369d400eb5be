"""What stands between a protected stack and `pulumi destroy`."""

from pulumi import ComponentResource, ResourceOptions


class Protection(ComponentResource):
    """Depends on everything, so that it is the first to be deleted: which Pulumi refuses, if it is protected.

    Without it `pulumi destroy --skip-preview` would delete every container before it came to a protected volume.
    The refusal shows its name. Type and name are for ever: a program without it cannot bring a protected stack `up`.
    """

    def __init__(self, *, disposable: bool, opts: ResourceOptions) -> None:
        opts = ResourceOptions.merge(opts, ResourceOptions(protect=not disposable))
        super().__init__("cyclos:protection:Protection", "until-disposable-is-true", {}, opts)
        self.register_outputs({})
