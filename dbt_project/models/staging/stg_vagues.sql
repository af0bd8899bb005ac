{#- Le dispositif d'une vague vient du lac, où une vague qui n'en nomme pas a déjà le principal. -#}
{%- set vagues_placees -%}
(
    select
        vagues.*,
        placees.dispositif_code,
        placees.est_principale
    from {{ ref('vagues') }} as vagues
    inner join {{ lac('dispositifs_vagues') }} as placees
        on cast(vagues.vague as {{ dbt.type_string() }}) = placees.vague
) as vagues_placees
{%- endset -%}
{{ preparer(vagues_placees) }}
