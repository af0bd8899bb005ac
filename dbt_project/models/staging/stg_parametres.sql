with source as (
    select * from {{ lac('parametres') }}
)

select
    cast(alpha as double) as alpha,
    cast(confiance as double) as confiance,
    cast(materialite_note as double) as materialite_note,
    cast(materialite_taux as double) as materialite_taux,
    cast(base_minimale as bigint) as base_minimale,
    cast(base_fragile as bigint) as base_fragile,
    cast(organismes_minimum as bigint) as organismes_minimum,
    cast(dominance_maximum as double) as dominance_maximum,
    cast(couverture_minimum as double) as couverture_minimum,
    cast(vague_courante as {{ dbt.type_string() }}) as vague_courante,
    cast(reference_imprimee as {{ dbt.type_string() }}) as reference_imprimee,
    cast(demonstration as boolean) as demonstration,
    cast(population_finie as boolean) as population_finie,
    cast(estimateur_imprime as {{ dbt.type_string() }}) as estimateur_imprime,
    cast(meme_bareme as boolean) as meme_bareme_exige,
    cast(meme_mode as boolean) as meme_mode_exige,
    cast(meme_institut as boolean) as meme_institut_exige,
    cast(organismes_quartiles as bigint) as organismes_quartiles,
    tailles,
    cast(protection as double) as protection,
    cast(base_unanime as bigint) as base_unanime,
    cast(priorites_base_minimale as bigint) as priorites_base_minimale,
    cast(priorites_reponses_minimum as double) as priorites_reponses_minimum
from source
