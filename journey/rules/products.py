"""Rules about products: what they name has to be there, and lives do not go in circles."""

from collections.abc import Iterator

from journey.places import Context
from journey.problems import Problem, did_you_mean
from journey.record.products import Product
from journey.yaml_tree import Path, Tree


def product_name(product: Product, tree: Tree, context: Context) -> Iterator[Problem]:
    """A product and its file are called otherwise."""
    file = tree.file.rpartition("products/")[2]
    if product.product != file.removesuffix(".yaml").removesuffix(".yml"):
        message = f'The product is "{product.product}" but its file "{file}".'
        yield Problem(tree.place(("product",)), message, "product-name", "Give both the same name.")


def unknown_product(product: Product, tree: Tree, context: Context) -> Iterator[Problem]:
    """A product names another one that has no file."""
    for path, sku in _named(product):
        if sku not in context.skus:
            message = f'There is no product "{sku}".'
            hint = did_you_mean(sku, context.skus) or f"Write it in products/{sku}.yaml."
            yield Problem(tree.place(path), message, "unknown-product", hint)


def _named(product: Product) -> Iterator[tuple[Path, str]]:
    if product.successor:
        yield ("successor",), product.successor
    for key, skus in (("upgrade of", product.upgrade_of), ("goes with", product.goes_with)):
        for number, sku in enumerate(skus):
            yield (key, number), sku


def successor_circle(product: Product, tree: Tree, context: Context) -> Iterator[Problem]:
    """The successors of a product lead back to it."""
    way, following = [product.product], product.successor
    while following is not None and following in context.products and following not in way:
        way.append(following)
        following = context.products[following].successor
    if following == product.product:
        message = f"The successors lead back to this product: {' → '.join([*way, following])}."
        yield Problem(tree.place(("successor",)), message, "successor-circle", "Remove one of them.")
