"""A table's contract, and every way in which a frame differs from it."""

from dataclasses import dataclass

from pyspark.sql import types as T

from schemas.errors import ContractError, listed


@dataclass(frozen=True, eq=False)  # a table equals itself alone
class Table:
    """Name, columns in order, key and partition column of one table.

    Fields are nullable throughout: Parquet reads back all-nullable, so nullability is a quality rule, not a type.
    """

    name: str
    key: tuple[str, ...]
    partition: str
    schema: T.StructType

    @property
    def columns(self) -> list[str]:
        """Column names in the table's order."""
        return list(self.schema.names)

    def differences(self, actual: T.StructType) -> list[str]:
        """Every difference of `actual` from the contract, in words; empty when there is none.

        >>> table = Table("t", ("a",), "a", T.StructType().add("a", T.LongType()).add("b", T.StringType()))
        >>> table.differences(T.StructType().add("a", T.StringType()).add("c", T.DateType()))
        ['a: expected bigint, found string', 'b: missing, expected string', 'c: unexpected date']
        """
        found = {field.name: field.dataType.simpleString() for field in actual}
        wanted = {field.name: field.dataType.simpleString() for field in self.schema}
        wrong = [
            f"{name}: expected {kind}, found {found[name]}" if name in found else f"{name}: missing, expected {kind}"
            for name, kind in wanted.items()
            if found.get(name) != kind
        ]
        return wrong + [f"{name}: unexpected {kind}" for name, kind in found.items() if name not in wanted]

    def check(self, actual: T.StructType) -> None:
        """Pass when `actual` is the contract.

        Raises:
            ContractError: a column is missing, unexpected or of another type; all are listed.
        """
        wrong = self.differences(actual)
        if wrong:
            raise ContractError(listed(f"table {self.name} differs from its contract:", wrong))


def columns_of(**kinds: T.DataType) -> T.StructType:
    """A struct of nullable columns in the order given."""
    return T.StructType([T.StructField(name, kind, nullable=True) for name, kind in kinds.items()])
