{#- La phrase imprimée sous un indicateur. Elle ne dit que ce que le verdict autorise ; sans verdict, elle donne le niveau. -#}

{% macro phrase_indicateur() -%}
    {%- set niveau = "case when note_moyenne is not null then " ~ nombre_fr('note_moyenne', 1) ~ " || ' sur 10' else "
        ~ nombre_fr('100 * taux_satisfaits', 0) ~ " || ' %' end" -%}
    {%- set ampleur = "case when evolution is not null then " ~ nombre_fr('abs(evolution)', 1)
        ~ " || case when abs(evolution) >= 1.95 then ' points' else ' point' end else "
        ~ nombre_fr('abs(100 * evolution_taux)', 1)
        ~ " || case when abs(100 * evolution_taux) >= 1.95 then ' points' else ' point' end end" -%}
    '« ' || libelle || ' » '
    || case
        when statut = 'Z' then 'n''était pas au questionnaire de ' || vague
        when statut <> 'V' then 'n''est pas publié : ' || motif_statut
        when note_moyenne is null and taux_satisfaits is null then 'admet plusieurs réponses : voir les motifs'
        when verdict = 'hausse'
            then 'progresse' || coalesce(' de ' || {{ ampleur }}, '') || ' par rapport à ' || vague_precedente || ' et atteint ' || {{ niveau }}
        when verdict = 'baisse'
            then 'recule' || coalesce(' de ' || {{ ampleur }}, '') || ' par rapport à ' || vague_precedente || ' et descend à ' || {{ niveau }}
        when verdict = 'stable' then 'conserve son niveau de ' || vague_precedente || ', à ' || {{ niveau }}
        when verdict = 'non significatif'
            then 's''établit à ' || {{ niveau }} || ', sans évolution établie depuis ' || vague_precedente
        when verdict = 'nouveau' then 'entre dans l''enquête à ' || {{ niveau }}
        when verdict = 'non comparable'
            then 's''établit à ' || {{ niveau }} || ', sans comparaison possible avec ' || vague_precedente
        else 's''établit à ' || {{ niveau }}
    end
    || case
        when statut <> 'V' then ''
        when verdict_reference = 'au-dessus' then ', au-dessus du niveau national'
        when verdict_reference = 'en dessous' then ', en deçà du niveau national'
        when verdict_reference = 'au niveau' then ', au même niveau que la référence nationale'
        else ''
    end
    || '.'
{%- endmacro %}
