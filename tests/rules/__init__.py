"""Rule packs over every environment's templates."""
